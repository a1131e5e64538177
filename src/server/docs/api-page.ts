// The page of the API: every operation of the OpenAPI document, by resource.

import { html } from 'hono/html'
import type { Schema } from '../openapi/json-schema.ts'
import { type Html, page } from './page.ts'

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly parameters: readonly {
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Schema
  }[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content & { readonly description: string }>>
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}

/** @param document an OpenAPI document, as `openApiDocument` makes it */
export function apiPage(document: Schema): string {
  const paths = document.paths as Readonly<Record<string, Readonly<Record<string, Operation>>>>
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))]
  const schemas = Object.entries(
    (document.components as { readonly schemas: Record<string, Schema> }).schemas,
  )
  return page(
    'API',
    html`<p>${(document.info as Schema).description} Version ${(document.info as Schema).version}.</p>
<p>${tags.map((tag) => html`<a href="#${tag}">${tag}</a> `)}<a href="#schemas">schemas</a></p>
${tags.map(
  (tag) => html`<h2 id="${tag}">${tag}</h2>
${operations
  .filter(({ operation }) => operation.tags.includes(tag))
  .map(({ path, method, operation }) => operationOf(path, method, operation))}`,
)}
<h2 id="schemas">schemas</h2>
${schemas.map(
  ([
    name,
    schema,
  ]) => html`<details id="schema-${name}"><summary><code>${name}</code></summary>${pre(schema)}</details>
`,
)}`,
  )
}

function operationOf(path: string, method: string, operation: Operation): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = operation
  return html`<details id="${operationId}">
<summary><b>${method}</b> <code>${path}</code> <span class="dim">${summary}</span></summary>
<p>${description}</p>
${parameters.length === 0 ? '' : parametersOf(parameters)}
${requestBody === undefined ? '' : html`<h4>Body</h4>${contentOf(requestBody)}`}
<h4>Answers</h4>
${Object.entries(responses).map(
  ([status, response]) => html`<p><b>${status}</b> ${response.description}</p>${contentOf(response)}`,
)}
</details>
`
}

function parametersOf(parameters: Operation['parameters']): Html {
  return html`<table>
<thead><tr><th>parameter</th><th>in</th><th>type</th></tr></thead>
<tbody>
${parameters.map(
  ({ name, in: place, required, schema }) =>
    html`<tr><td><code>${name}</code>${required ? ' (required)' : ''}</td><td>${place}</td><td><code>${JSON.stringify(schema)}</code></td></tr>
`,
)}</tbody>
</table>`
}

function contentOf({ content = {} }: Content): Html {
  return html`${Object.entries(content).map(
    ([type, { schema }]) => html`<p class="dim"><code>${type}</code></p>${pre(schema)}`,
  )}`
}

/** A schema, with a link where it is another's. */
function pre(schema: Schema): Html {
  const reference = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined
  if (reference !== undefined) return html`<p><a href="#schema-${reference}">${reference}</a></p>`
  return html`<pre>${JSON.stringify(schema, null, 2)}</pre>`
}
