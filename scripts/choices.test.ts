import { describe, expect, test } from 'vitest'
import { EXIT, LabError } from '../topologies/runtimes/lab-error.ts'
import { servers, suites, topologies } from './catalogue.ts'
import { choose, chooseClauses, everyFilling, fill, parseServerChoice } from './choices.ts'

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

describe('--clause', () => {
  test('takes ids with or without their suite, and says what is near a wrong one', async () => {
    const all = await suites()
    const chosen = chooseClauses(all, ['input.readline-size', 'rfc9112-framing/framing.head'])
    expect(chosen.flatMap(({ name, clauses }) => Object.keys(clauses).map((id) => `${name}/${id}`))).toEqual([
      'pep3333-streams/input.readline-size',
      'rfc9112-framing/framing.head',
    ])
    expect(chooseClauses(all, [])).toBe(all)
    expect(refusal(() => chooseClauses(all, ['streams.readline-size']))).toEqual({
      message: 'There is no clause "streams.readline-size".\nDid you mean pep3333-streams/input.readline-size?',
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

  test('several for a role are fillings to be compared, each once', () => {
    const choices = ['app=gunicorn/sync', 'app=waitress', 'app=waitress', 'proxy=nginx/http10'].map(choice)
    const servers = fill(allTopologies, choices).map(({ name, tiers }) =>
      [name, ...tiers.map(({ server, variant }) => `${server.name}/${variant}`)].join(' '),
    )
    expect(servers).toEqual([
      'app-server gunicorn/sync',
      'app-server waitress/threads',
      'daemon-host mod-wsgi/daemon',
      'reverse-proxy nginx/http10 gunicorn/sync',
      'reverse-proxy nginx/http10 waitress/threads',
      'three-tier varnish/default nginx/http10 gunicorn/sync',
      'three-tier varnish/default nginx/http10 waitress/threads',
    ])
  })

  test('all: every variant of every server, app servers only where nothing is in front', () => {
    const fillings = everyFilling(allTopologies, allServers)
    const shown = new Set(fillings.flatMap(({ tiers }) => tiers.map(({ server, variant }) => server.name + variant)))
    const known = allServers.flatMap(({ name, variants }) => Object.keys(variants).map((variant) => name + variant))
    expect([...shown].sort()).toEqual(known.sort())
    expect(fillings.filter(({ name }) => name === 'reverse-proxy').map(({ tiers }) => tiers.at(-1)!.variant)).toEqual([
      'gthread',
      'gthread',
      'gthread',
    ])
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
