// Histograms and gauges in the text form that Prometheus reads (version 0.0.4). Names and labels
// are those of OpenTelemetry's semantic conventions, as Prometheus writes them: dots and units
// become underscores and a suffix.

/** Names of labels with their values; the ones without a value are left out. */
export type Labels = Readonly<Record<string, string | undefined>>

interface Counts {
  /** Observations up to each bound, and beyond the last one; not added up. */
  readonly buckets: number[]
  sum: number
  count: number
}

/** How often values of each size were observed, for each set of labels. */
export class Histogram {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, Counts>()

  /** @param bounds the upper ends of the buckets, ascending */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  observe(value: number, labels: Labels): void {
    const key = labelsOf(labels)
    let counts = this.#series.get(key)
    if (counts === undefined) {
      counts = { buckets: new Array<number>(this.#bounds.length + 1).fill(0), sum: 0, count: 0 }
      this.#series.set(key, counts)
    }
    const at = this.#bounds.findIndex((bound) => value <= bound)
    const bucket = at < 0 ? this.#bounds.length : at
    counts.buckets[bucket] = (counts.buckets[bucket] ?? 0) + 1
    counts.sum += value
    counts.count += 1
  }

  *lines(): Generator<string> {
    if (this.#series.size === 0) return
    yield* headOf(this.#name, this.#help, 'histogram')
    for (const [labels, { buckets, sum, count }] of this.#series) {
      let below = 0
      for (const [index, bound] of this.#bounds.entries()) {
        below += buckets[index] ?? 0
        yield line(`${this.#name}_bucket`, join(labels, `le="${bound}"`), below)
      }
      yield line(`${this.#name}_bucket`, join(labels, 'le="+Inf"'), count)
      yield line(`${this.#name}_sum`, labels, sum)
      yield line(`${this.#name}_count`, labels, count)
    }
  }
}

/** Values as they are now, or that only grow, with their labels. */
export function* valuesOf(
  name: string,
  help: string,
  type: 'gauge' | 'counter',
  values: readonly (readonly [Labels, number])[],
): Generator<string> {
  if (values.length === 0) return
  yield* headOf(name, help, type)
  for (const [labels, value] of values) yield line(name, labelsOf(labels), value)
}

function* headOf(name: string, help: string, type: string): Generator<string> {
  yield `# HELP ${name} ${help}`
  yield `# TYPE ${name} ${type}`
}

function line(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`
}

function join(labels: string, last: string): string {
  return labels === '' ? last : `${labels},${last}`
}

function labelsOf(labels: Labels): string {
  return Object.entries(labels)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${escaped(value)}"`]))
    .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
