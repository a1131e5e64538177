// Reads what only the source text has: doc comments, the declared types of properties, the names of
// parameters. It parses and never guesses: a missing declaration is an error of the generator.
import { readFileSync } from 'node:fs'
import { type Class, type Comment, type Node, parseSync, type Statement, type TSSignature } from 'oxc-parser'

/** The repository's root. */
export const root = new URL('../../', import.meta.url)

export interface Source {
  readonly path: string
  readonly text: string
  readonly statements: readonly Statement[]
  /** The doc comment directly before a node; empty if there is none. */
  docOf(node: { readonly start: number }): string
  textOf(node: { readonly start: number; readonly end: number }): string
}

export function readSource(path: string): Source {
  const text = readFileSync(new URL(path, root), 'utf8')
  const { program, comments, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  return {
    path,
    text,
    statements: program.body,
    docOf: (node) => docBefore(text, comments, node.start),
    textOf: (node) => text.slice(node.start, node.end),
  }
}

function docBefore(text: string, comments: readonly Comment[], start: number): string {
  const comment = comments.findLast(
    (candidate) => candidate.end <= start && candidate.type === 'Block' && candidate.value.startsWith('*'),
  )
  if (
    !comment ||
    /\S/.test(
      text.slice(comment.end, start).replace(/^\s*(export|declare|abstract|override|async|readonly)\b/g, ''),
    )
  )
    return ''
  return comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n')
    .trim()
}

/** A doc comment's prose and its documented errors, each as one line. */
export function splitDoc(doc: string): { readonly prose: string; readonly throws: string } {
  const [prose = '', ...tags] = doc.split(/^@(?=\w)/m)
  const throws = tags.find((tag) => tag.startsWith('throws'))
  const parameters = tags
    .filter((tag) => tag.startsWith('param'))
    .map((tag) => tag.replace(/^param\s+(\w+)/, '`$1`:'))
  return {
    prose: oneLine([prose, ...parameters.map((parameter) => `${parameter.trim()}.`)].join(' ')),
    throws: oneLine((throws ?? '').replace(/^throws/, '')),
  }
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** What a statement declares, without its `export`. */
function declared(statement: Statement): Node {
  return statement.type === 'ExportNamedDeclaration' && statement.declaration
    ? statement.declaration
    : statement
}

export interface ClassSource {
  readonly name: string
  readonly node: Class
  readonly doc: string
}

export function classesOf(source: Source): readonly ClassSource[] {
  return source.statements.flatMap((statement) => {
    const node = declared(statement)
    return node.type === 'ClassDeclaration' && node.id
      ? [{ name: node.id.name, node, doc: source.docOf(statement) }]
      : []
  })
}

/** The members of an interface of this file, by name. */
export function interfaceMembers(source: Source, name: string): readonly TSSignature[] {
  for (const statement of source.statements) {
    const node = declared(statement)
    if (node.type === 'TSInterfaceDeclaration' && node.id.name === name) return node.body.body
  }
  throw new Error(`${source.path} declares no interface ${name}`)
}

/** The properties of an object that a constant of this file holds, with their doc comments. */
export function propertyDocs(source: Source, constant: string): ReadonlyMap<string, string> {
  for (const statement of source.statements) {
    const node = declared(statement)
    if (node.type !== 'VariableDeclaration') continue
    for (const { id, init } of node.declarations) {
      if (id.type !== 'Identifier' || id.name !== constant || init?.type !== 'ObjectExpression') continue
      return new Map(
        init.properties.flatMap((property) =>
          property.type === 'Property' && property.key.type === 'Identifier'
            ? [[property.key.name, oneLine(source.docOf(property))] as const]
            : [],
        ),
      )
    }
  }
  throw new Error(`${source.path} has no object ${constant}`)
}

export interface PropertySource {
  readonly name: string
  readonly type: string
  readonly doc: string
}

/** The properties of an object type or an interface body. */
export function propertiesOf(source: Source, members: readonly TSSignature[]): readonly PropertySource[] {
  return members.flatMap((member) => {
    if (member.type !== 'TSPropertySignature' || !member.typeAnnotation) return []
    const name =
      member.key.type === 'Identifier'
        ? member.key.name
        : member.key.type === 'Literal'
          ? String(member.key.value)
          : source.textOf(member.key)
    return [
      {
        name,
        type: typeText(source, member.typeAnnotation.typeAnnotation),
        doc: oneLine(source.docOf(member)),
      },
    ]
  })
}

/** A type as written, without `readonly`, which holds for all of them. */
export function typeText(source: Source, node: { readonly start: number; readonly end: number }): string {
  return oneLine(source.textOf(node))
    .replaceAll('readonly ', '')
    .replaceAll(/Readonly<(.*)>/g, '$1')
}
