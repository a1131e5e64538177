// How a line of routes.ts is read: the method and the path, what the verb takes, `>`, how the
// answer becomes what the verb returns, and where in it are times, bytes and records.
//
//   id:NAME         the key in the path, by its name for errors
//   text:NAME?      a text, with ? also null
//   record:MORE     fields and values; bytes=… are fields of bytes, once=… is the field by which a
//                   repeated call is known, with ? if the option `idempotent` is given;
//                   omittable
//   records filter  several, and the filters of a list
//   base:NAMES      what a change is based on, and options beside it
//   options:NAMES   options; with ! a signal
//   value:NAME      any value
//   any             the deletion of whatever version there is
//   texts           the options are texts of the query
//   read            changes nothing, though it is no GET

/** What an argument of a verb is. */
export type Taken =
  | { readonly kind: 'id' | 'value'; readonly name: string }
  | { readonly kind: 'text'; readonly name: string; readonly nullable: boolean }
  | {
      readonly kind: 'record'
      readonly bytes: readonly string[]
      readonly once: Once | undefined
      readonly isOmittable: boolean
    }
  | { readonly kind: 'records' | 'filter' }
  | {
      readonly kind: 'base' | 'options'
      readonly names: readonly string[]
      readonly signals: readonly string[]
    }

/** The field by which a repeated call is known, and the option that asks for it. */
export interface Once {
  readonly field: string
  readonly byOption: boolean
}

export type ResultKind =
  | 'object'
  | 'items'
  | 'count'
  | 'value'
  | 'nothing'
  | 'deleted'
  | 'planTree'
  | 'decisionTree'

export interface Route {
  readonly verb: string
  readonly method: string
  /** Below `/v1`, with `{id}` for the key. */
  readonly path: string
  readonly takes: readonly Taken[]
  readonly isRead: boolean
  /** Deletes whatever version there is, unless the caller names one. */
  readonly deletesAny: boolean
  /** Options are texts of the query, and nothing else. */
  readonly isTexts: boolean
  readonly result: ResultKind
  /** Where the answer has times, bytes and records. */
  readonly places: readonly string[]
}

export function readRoute(verb: string, line: string): Route {
  const [before = '', after = ''] = line.split(' > ')
  const [method = '', path = '', ...forms] = before.split(' ')
  const [result, ...places] = after.split(' ')
  const flags: ReadonlySet<string> = new Set(
    forms.filter((form) => form === 'any' || form === 'read' || form === 'texts'),
  )
  return {
    verb,
    method,
    path,
    takes: forms.filter((form) => !flags.has(form)).map(takenOf),
    isRead: method === 'GET' || flags.has('read'),
    deletesAny: flags.has('any'),
    isTexts: flags.has('texts'),
    result: result as ResultKind,
    places,
  }
}

function takenOf(form: string): Taken {
  const [kind = '', ...more] = form.split(':')
  const [name = ''] = more
  switch (kind) {
    case 'id':
    case 'value':
      return { kind, name }
    case 'text':
      return { kind, name: name.replace('?', ''), nullable: name.endsWith('?') }
    case 'base':
    case 'options': {
      const names = name === '' ? [] : name.split(',')
      const isSignal = (option: string) => option.endsWith('!')
      return {
        kind,
        names: names.filter((option) => !isSignal(option)),
        signals: names.filter(isSignal).map((option) => option.slice(0, -1)),
      }
    }
    case 'record': {
      const settings = new Map(more.map((setting) => setting.split('=') as [string, string]))
      const once = settings.get('once')
      return {
        kind,
        bytes: settings.get('bytes')?.split(',') ?? [],
        isOmittable: settings.has('omittable'),
        once: once === undefined ? undefined : { field: once.replace('?', ''), byOption: once.endsWith('?') },
      }
    }
    default:
      return { kind: kind as 'records' | 'filter' }
  }
}
