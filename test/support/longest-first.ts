// Begins the files that take longest first, so that no core is idle at the end of a run.

import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Folders whose files take minutes; the first of them most of all. */
const longest = [
  '/conformance/mariadb',
  '/conformance/postgres',
  '/conformance/',
  '/engines/',
  '/project/',
  '/cli/',
]

function rank({ moduleId }: TestSpecification): number {
  const found = longest.findIndex((part) => moduleId.includes(part))
  return found < 0 ? longest.length : found
}

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
