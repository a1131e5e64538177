// The OpenAPI document, and the pages that show it: complete, consistent, and without scripts.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { newDecision } from '../../src/conformance/support/decision-samples.ts'
import { newApproval, newBudget, newPlan, newTask } from '../../src/conformance/support/samples.ts'
import { openStore } from '../../src/index.ts'
import { openApiDocument } from '../../src/server/openapi/document.ts'
import { recordRoutes } from '../../src/server/routes/record-routes.ts'
import { storeRoutes } from '../../src/server/store-routes.ts'
import { errorCodes } from '../../src/values/error-codes.ts'
import { serving } from '../support/server/serving.ts'

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly responses: Readonly<Record<string, { readonly content?: Record<string, { schema: object }> }>>
}

const document = openApiDocument() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

/** A schema of the document as a check. */
function accepts(schema: object): z.ZodType {
  const whole = { ...schema, $defs: document.components.schemas }
  const local = JSON.stringify(whole).replaceAll('#/components/schemas/', '#/$defs/')
  return z.fromJSONSchema(JSON.parse(local))
}

describe('the OpenAPI document', () => {
  test('has every route once, with different ids', () => {
    const routes = [...recordRoutes, ...storeRoutes]
    for (const { method, path } of routes) {
      expect(document.paths[`/v1${path}`]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined()
    }
    expect(operations).toHaveLength(routes.length)
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(routes.length)
  })

  test('names no schema that it does not have, and no parameter twice', () => {
    const named = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name,
    )
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining([...new Set(named)]))
    for (const { operationId, parameters } of operations) {
      const keys = parameters.map(({ name, in: place }) => `${place} ${name}`)
      expect(keys, operationId).toEqual([...new Set(keys)])
    }
  })

  test('is what a server gives, and what is checked in', async () => {
    await using store = await openStore('sqlite::memory:')
    const { ask } = await serving(store)
    expect((await ask('GET', '/openapi.json', { as: 'nobody' })).body).toEqual(
      JSON.parse(JSON.stringify(document)),
    )
    expect(JSON.parse(readFileSync('openapi.json', 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)))
  })

  test('describes the answers of a store that has something', async () => {
    await using store = await openStore('sqlite::memory:')
    const { ask } = await serving(store)
    const plan = await store.plans.create(newPlan())
    const task = await store.tasks.create(newTask({ planId: plan.planId }))
    await store.decisions.record(newDecision(plan.planId))
    await store.budgets.create(newBudget({ name: 'b' }))
    await store.costRecords.append({
      agentId: 'a',
      provider: 'p',
      model: 'm',
      inputTokens: 1,
      outputTokens: 1,
    })
    await store.messages.append({ sender: 'a', to: 'b', channel: 'c', type: 'task_update', content: 'tide' })
    await store.approvals.request(newApproval())
    await store.agents.seen('a')
    const ids = { plans: plan.planId, tasks: task.id, budgets: 'b', agents: 'a' } as Record<string, string>
    const asked = recordRoutes.filter(
      ({ method, hasId, resource }) => method === 'GET' && (!hasId || ids[resource]),
    )
    const queries: Readonly<Record<string, string>> = {
      counts: '?by=status,project',
      search: '?text=tide',
      history: '?channel=c',
      thread: `?taskId=${task.id}`,
      tree: `?planId=${plan.planId}`,
      aggregate: '?by=model&compare=previous&since=2026-01-01T00:00:00Z',
    }
    for (const { resource, path, verb, hasId } of asked) {
      const url = `/v1${path.replace('{id}', ids[resource] ?? '')}${(!hasId && queries[verb]) || ''}`
      const answer = await ask('GET', url, { as: 'admin' })
      expect([200, 204], `${url} ${answer.text}`).toContain(answer.status)
      if (answer.status === 204) continue
      const content = document.paths[`/v1${path}`]?.get?.responses['200']?.content?.['application/json']
      const { error } = accepts(content?.schema ?? {}).safeParse(answer.body)
      expect(error?.issues ?? [], url).toEqual([])
    }
    for (const path of ['/me', '/search?q=tide', '/changes', '/changes/head', '/status', '/drift']) {
      const answer = await ask('GET', `/v1${path}`)
      const [plain = ''] = path.split('?')
      const content = document.paths[`/v1${plain}`]?.get?.responses['200']?.content?.['application/json']
      expect(accepts(content?.schema ?? {}).safeParse(answer.body).error?.issues ?? [], path).toEqual([])
    }
  })

  test('and errors have pages without scripts, for everyone', async () => {
    await using store = await openStore('sqlite::memory:')
    const { ask } = await serving(store)
    const api = await ask('GET', '/docs', { as: 'nobody' })
    expect(api.headers.get('content-security-policy')).toContain("script-src 'self'")
    for (const { operationId } of operations) expect(api.text).toContain(`id="${operationId}"`)
    const errors = await ask('GET', '/docs/errors', { as: 'nobody' })
    for (const code of Object.keys(errorCodes)) expect(errors.text).toContain(`id="${code}"`)
    for (const { text } of [api, errors]) {
      expect(text).not.toMatch(/<script|\sstyle=|\son\w+=/i)
      expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//i)
    }
    expect((await ask('GET', '/docs/style.css', { as: 'nobody' })).status).toBe(200)
  })
})
