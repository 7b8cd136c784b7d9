import type { Estimate, ScalabilityFit, TopologyModel } from '../planning/planned.ts'
import type { ChapterTable } from './chapter.ts'
import { about } from './plan-figures.ts'

/** The Universal Scalability Law as it fits each topology, with what that does not carry. */
export const scalabilityTable = (models: readonly TopologyModel[]): ChapterTable => ({
  title: 'The Universal Scalability Law, fitted beside the model',
  head: [
    ...['Topology', 'λ: requests per second of one connection', 'σ: contention', 'κ: coherency'],
    ...['Greatest throughput', 'With twice the connections that were measured'],
  ],
  rows: models.map((model) => {
    const { name, scalability: fit } = model
    if (fit === undefined) return [name, 'does not fit', '–', '–', '–', '–']
    return [
      name,
      estimate(fit.lambda, 3),
      estimate(fit.sigma),
      estimate(fit.kappa),
      peakText(fit),
      beyondText(model, fit),
    ]
  }),
})

function estimate({ value, within }: Estimate, digits = 2): string {
  const shown = about(value, digits)
  return within === undefined ? shown : `${shown} (${about(within.low, digits)} – ${about(within.high, digits)})`
}

/** Where the law has its peak, N = sqrt((1 - sigma) / kappa) (Gunther 2007), as far as kappa is told from 0 and the fit carries it. */
function peakText({ sigma, kappa, throughput }: ScalabilityFit): string {
  if (kappa.value <= 0 || sigma.value >= 1 || kappa.within === undefined || kappa.within.low <= 0)
    return 'none can be told'
  const at = Math.sqrt((1 - sigma.value) / kappa.value)
  const most = throughput(at)
  return most === undefined ? 'beyond what the fit carries' : `${about(most, 3)}/s at ${about(at)} connections`
}

function beyondText({ result }: TopologyModel, { throughput }: ScalabilityFit): string {
  const loads = (result.planning?.points ?? []).map(({ loop }) => (loop.kind === 'closed' ? loop.connections : 0))
  const load = 2 * Math.max(...loads)
  const says = throughput(load)
  return says === undefined ? 'not carried by the fit' : `${about(says, 3)}/s at ${load}`
}

/** What stands beside that table. */
export const scalabilityNote =
  'In that law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), σ is the share of the work that is done one after the other, and κ what each pair of requests has to agree on. In brackets below are 95 % intervals, bootstrapped over rounds.'
