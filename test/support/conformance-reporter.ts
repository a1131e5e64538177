// Says at the end of a run how many conformance cases passed on each engine: the same number on all
// of them is what makes them one store.

import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** A case below a suite: `… conformance on SQLite files (250 of 250 cases) > L1 …`. */
const conformanceCase = /(?:^| > )conformance on ([^(]+) \([^>]*> [A-Z]\d/

export default class ConformanceReporter implements Reporter {
  readonly #passed = new Map<string, number>()

  onTestModuleEnd(module: TestModule): void {
    for (const each of module.children.allTests()) {
      const engine = engineOf(each)
      if (engine === undefined) continue
      const passed = each.result().state === 'passed' ? 1 : 0
      this.#passed.set(engine, (this.#passed.get(engine) ?? 0) + passed)
    }
  }

  onTestRunEnd(): void {
    if (this.#passed.size === 0) return
    const counts = [...this.#passed].sort(([a], [b]) => (a < b ? -1 : 1))
    process.stdout.write(
      `\nconformance cases passed: ${counts.map(([engine, count]) => `${engine} ${count}`).join(', ')}\n`,
    )
  }
}

function engineOf({ fullName }: TestCase): string | undefined {
  return conformanceCase.exec(fullName)?.[1]
}
