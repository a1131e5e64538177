// web/api/openapi.ts: the types of what the HTTP API answers, from the OpenAPI document, for the
// pages of the dashboard.

import { openApiDocument } from '../../src/server/openapi/document.ts'

/** What of a JSON Schema the document has. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
}

/** What the pages show. */
const shown: readonly string[] = [
  ...['Plan', 'Task', 'Budget', 'BudgetStatus', 'CostRecord', 'CostSums', 'CostTotal'],
  ...['Message', 'Agent', 'Approval', 'AuditEntry'],
]

export function webTypes(): string {
  const { components } = openApiDocument() as unknown as {
    readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
  }
  const types = Object.entries(components.schemas)
    .filter(([name]) => shown.includes(name))
    .map(([name, schema]) => `  readonly ${name}: ${typeOf(schema, '  ')}`)
  return `// What the HTTP API answers, as types. \`npm run docs\` writes it from the OpenAPI document;
// \`npm run check\` compares the two.

export interface Schemas {
${types.join('\n')}
}
`
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, const: constant, enum: values, anyOf, type } = schema
  if ($ref !== undefined) return `Schemas['${$ref.split('/').at(-1)}']`
  if (constant !== undefined) return JSON.stringify(constant)
  if (values !== undefined) return union([...values.map((value) => JSON.stringify(value)), ...nullIn(type)])
  if (anyOf !== undefined) return union(anyOf.map((each) => typeOf(each, indent)))
  if (type === undefined) return 'unknown'
  return union([type].flat().map((name) => typeNamed(name, schema, indent)))
}

function typeNamed(name: string, schema: Schema, indent: string): string {
  if (name === 'integer') return 'number'
  if (name === 'array') return `readonly ${grouped(typeOf(schema.items ?? {}, indent))}[]`
  return name === 'object' ? objectType(schema, indent) : name
}

function objectType(
  { properties = {}, required = [], additionalProperties }: Schema,
  indent: string,
): string {
  const inner = `${indent}  `
  const lines = Object.entries(properties).map(([key, value]) => {
    const name = /^[a-zA-Z_]\w*$/.test(key) ? key : JSON.stringify(key)
    return `${inner}readonly ${name}${required.includes(key) ? '' : '?'}: ${typeOf(value, inner)}`
  })
  const rest = typeof additionalProperties === 'object' ? typeOf(additionalProperties, inner) : 'unknown'
  if (lines.length === 0) return `Readonly<Record<string, ${rest}>>`
  return `{\n${lines.join('\n')}\n${indent}}`
}

function nullIn(type: Schema['type']): readonly string[] {
  return [type ?? []].flat().includes('null') ? ['null'] : []
}

/** Anything together with others is still anything. */
function union(types: readonly string[]): string {
  return types.includes('unknown') ? 'unknown' : [...new Set(types)].join(' | ')
}

function grouped(type: string): string {
  return type.includes(' | ') || type.startsWith('readonly ') ? `(${type})` : type
}
