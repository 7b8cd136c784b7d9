import { describe, expect, test } from 'vitest'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { servers, topologies } from './catalogue.ts'
import { choose, fill, parseServerChoice } from './choices.ts'

const allServers = await servers()
const allTopologies = await topologies()
const named = (name: string) => allTopologies.filter((topology) => topology.name === name)
const choice = (text: string) => parseServerChoice(text, allServers)

/** What a user would read, and the exit code. */
function refusal(act: () => unknown): { readonly message: string; readonly exitCode: number } {
  try {
    act()
  } catch (error) {
    if (error instanceof LabError) return { message: error.message, exitCode: error.exitCode }
    throw error
  }
  throw new Error('it was accepted')
}

describe('names', () => {
  test('no name means all; lists may be written with commas or repeated', () => {
    expect(choose('topology', allTopologies, [])).toBe(allTopologies)
    const both = choose('topology', allTopologies, ['three-tier,app-server', 'daemon-host'])
    expect(both.map((topology) => topology.name)).toEqual(['app-server', 'daemon-host', 'three-tier'])
  })

  test('a wrong name is answered with the right ones and exit code 2', () => {
    expect(refusal(() => choose('topology', allTopologies, ['two-tier']))).toEqual({
      message: 'There is no topology "two-tier".\nChoose from: app-server, daemon-host, reverse-proxy, three-tier.',
      exitCode: EXIT.usage,
    })
  })
})

describe('--server', () => {
  test.each([
    ['gunicorn', /does not choose a server[^]*role=name/],
    ['balancer=haproxy', /no role "balancer"[^]*app, /],
    ['app=unicorn', /no server "unicorn"[^]*gunicorn/],
    ['proxy=gunicorn', /no server "gunicorn" for the role proxy[^]*apache, nginx/],
    ['app=gunicorn/uvloop', /no variant "uvloop"[^]*sync, gthread, gevent/],
  ])('%s is refused with what would be right', (text, words) => {
    const { message, exitCode } = refusal(() => choice(text))
    expect(message).toMatch(words)
    expect(exitCode).toBe(EXIT.usage)
  })

  test('without a variant the server’s first one is taken', () => {
    expect(choice('app=gunicorn').variant).toBe('sync')
    expect(choice('app=gunicorn/gevent').variant).toBe('gevent')
  })

  test('fills the tier of its role and leaves the others', () => {
    const [topology] = fill(named('three-tier'), [choice('proxy=apache'), choice('app=waitress')])
    expect(topology!.tiers.map((tier) => tier.server.name)).toEqual(['varnish', 'apache', 'waitress'])
  })

  test('leaves topologies alone in which it has no place, as long as it has one somewhere', () => {
    const filled = fill(allTopologies, [choice('app=uwsgi')])
    expect(filled.map((topology) => topology.tiers.at(-1)!.server.name)).toEqual([
      'uwsgi',
      'mod-wsgi',
      'uwsgi',
      'uwsgi',
    ])
  })

  test('with no place anywhere is refused, with the topology it would make', () => {
    expect(refusal(() => fill(named('app-server'), [choice('app=mod-wsgi')])).message).toContain(
      '--topology daemon-host',
    )
    expect(refusal(() => fill(named('app-server'), [choice('cache=varnish')])).message).toContain(
      'has no place in app-server',
    )
  })
})
