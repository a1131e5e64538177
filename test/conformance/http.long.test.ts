// The conformance cases that are about records, with HTTP between them and the store: a client in
// place of the store, a server on a real port. What HTTP does not have is found out as the cases
// use it; where it is another thing by design, the case is in a list, and has to fail.

import { describe, expect, test } from 'vitest'
import { conformanceCases, unmetNeeds } from '../../src/conformance/index.ts'
import { createFileHarness } from '../support/engines/sqlite-harness.ts'
import { byHttp } from '../support/server/http-harness.ts'

const inPath = 'an empty key has no place in a path'
const orderOfCalls = 'requests that are sent together arrive in any order'
const endOfStore = 'a request that is on its way when the store closes has not reached it'

/** Cases that end one way or the other by HTTP, each with the reason. They are not run. */
const byChance: Readonly<Record<string, string>> = {
  T3e: orderOfCalls,
  B2: orderOfCalls,
  J2: 'each request is a write by itself; which of them share a commit is a matter of time',
  L17: endOfStore,
  L17b: endOfStore,
  B2c: endOfStore,
}

/** Cases that are otherwise by HTTP, each with the reason. They have to fail. */
const otherwise: Readonly<Record<string, string>> = {
  T2: inPath,
  T13: inPath,
  T14d: inPath,
  J12b: 'a loop goes on when a server has ended, because another one takes its place',
  A8: 'the actor of an entry is that of the token',
  G2: 'a whole record may be what a change is based on, and the client does not know its fields',
  G3: 'no page can find out what a proxy is',
  R8: 'why a statement failed is not said by HTTP; GET /v1/audit/verify says which entry it is',
}

/** Milliseconds after which a case that waits for what never comes has failed. */
const PATIENCE = 20_000

const isAboutRecords = ({ id, large = false, needs }: (typeof conformanceCases)[number]) =>
  !large && !Object.hasOwn(byChance, id) && unmetNeeds(byHttp(createFileHarness()), needs).length === 0
const cases = conformanceCases.filter(isAboutRecords)

describe(`conformance cases by HTTP (${cases.length} of ${conformanceCases.length})`, () => {
  const ended: Record<'passed' | 'otherwise' | 'without', number> = { passed: 0, otherwise: 0, without: 0 }

  for (const { id, name, run } of cases) {
    test(`${id} ${name}`, async () => {
      const harness = byHttp(createFileHarness())
      const late = Promise.withResolvers<never>()
      const timer = setTimeout(() => late.reject(new Error('the case did not end')), PATIENCE)
      let failure: unknown
      try {
        await Promise.race([run(harness), late.promise])
      } catch (error) {
        failure = error ?? new Error('nothing was thrown')
      } finally {
        clearTimeout(timer)
        await harness.dispose()
      }
      const { missing, requests } = harness.traffic
      if (Object.hasOwn(otherwise, id)) {
        expect(failure, `passes by HTTP, although ${otherwise[id]}: take it off the list`).toBeDefined()
        ended.otherwise += 1
      } else if (missing.size > 0) {
        ended.without += 1
      } else {
        if (failure !== undefined) throw failure
        if (requests > 0) ended.passed += 1
      }
    })
  }

  test('most of them went through HTTP and passed', () => {
    expect(ended.otherwise).toBe(Object.keys(otherwise).length)
    expect(ended.passed).toBeGreaterThan(380)
  })
})
