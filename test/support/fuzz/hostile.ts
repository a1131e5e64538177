// Values that nobody means to store: of wrong types, without an end, that throw, lie or change when
// they are read. Each is made anew from the numbers of a seed, so that two stores get the same one.
// Text of theirs carries a mark, by which it is found where it must not be.

import type { Random } from '../loss/random.ts'

/** What no message may repeat. */
export const MARK = 'k7confidentialq'

class Own {
  value = MARK
}

function cyclic(): unknown {
  const circle: Record<string, unknown> = { text: MARK }
  circle.self = [circle]
  return circle
}

function deep(levels: number): unknown {
  let value: unknown = MARK
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { value } : [value]
  return value
}

const thrower = (): never => {
  throw new TypeError(MARK)
}

/** Answers otherwise each time. */
function changing(): unknown {
  let turn = 0
  return Object.defineProperty({}, 'value', {
    enumerable: true,
    get: () => {
      turn += 1
      return turn === 1 ? MARK : Symbol(MARK)
    },
  })
}

function revoked(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

const traps = ['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'] as const

function trapped(random: Random): unknown {
  const target = random.pick([{}, [], () => 1, new Date(1.7e12), new Own()])
  return new Proxy(target, { [random.pick(traps)]: thrower })
}

function sparse(): unknown {
  const list: unknown[] = [MARK]
  list[7] = MARK
  return list
}

/** A list that says that it is longer than it is. */
function longList(random: Random): unknown {
  const list: unknown[] = []
  list.length = random.pick([2 ** 32 - 1, 5_000_000])
  return list
}

/** Large for its caller, so it is picked seldom. */
const large: readonly ((random: Random) => unknown)[] = [
  () => MARK.repeat(80_000),
  () => '€'.repeat(349_525) + MARK,
  () => Array.from({ length: 50_000 }, () => MARK),
  () => Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key ${index}`, MARK])),
  () => deep(20_000),
  longList,
  () => new Array(30_000).fill({ id: MARK }),
  () => new Uint8Array(1_000_000),
]

const usual: readonly ((random: Random) => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => '',
  () => ' ',
  () => MARK,
  () => `${MARK}\0`,
  () => `\ud800${MARK}`,
  () => `${MARK}\udc00`,
  () => `${MARK}\u{1f600}\u{10ffff}`,
  () => `e\u0301${MARK}\u202e\u200b\ufeff`,
  () => `${MARK}'); DROP TABLE tasks; --`,
  () => `${MARK}\\'"\`%_*?$1 :name {fn} ⟨`,
  () => `${MARK}\r\n\t\u0007\u007f\u0085`,
  () => MARK.repeat(17),
  () => MARK.repeat(40),
  (random) => random.pick(['2026-02-30', '2026-13-01T00:00:00Z', '0001-01-01T00:00:00Z', '+275760-09-13']),
  (random) => random.pick(['1e400', '0x10', '-0', ' 1', '1.', '.5', '1,5', '٣', 'NaN', 'Infinity']),
  (random) => random.pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'length']),
  (random) => random.pick([Number.NaN, Infinity, -Infinity, -0, 0, -1, 0.1, 1.5, 5e-324, 1e21, 2 ** 31]),
  (random) => random.pick([Number.MAX_SAFE_INTEGER, 2 ** 53, -(2 ** 63), Number.MAX_VALUE, 2 ** 63]),
  (random) => random.pick([0n, -1n, 2n ** 63n, 10n ** 400n]),
  () => Symbol(MARK),
  () => Symbol.iterator,
  () => () => MARK,
  () => async () => MARK,
  () => thrower,
  () => class Own2 {},
  () => new Date(Number.NaN),
  () => new Date(8.64e15),
  () => new Date(-8.64e15),
  () => Object.assign(new Date(1.7e12), { toISOString: thrower, getTime: thrower, valueOf: thrower }),
  () => Object.create(Date.prototype),
  () => /k7confidentialq/,
  () => new Error(MARK),
  () => new Map([[MARK, MARK]]),
  () => new Set([MARK]),
  () => new WeakMap(),
  () => Buffer.from(MARK),
  () => new ArrayBuffer(8),
  () => new Proxy({}, {}),
  () => new Proxy([MARK], {}),
  trapped,
  trapped,
  () => revoked({}),
  () => revoked([]),
  () => revoked(() => 1),
  () => Promise.resolve(MARK),
  // biome-ignore lint/suspicious/noThenProperty: what waits for it is not what was given
  () => ({ then: (resolve: (value: string) => void) => resolve(MARK) }),
  // biome-ignore lint/suspicious/noThenProperty: whoever waits for it runs code of its caller's
  () => ({ then: thrower }),
  () => new Own(),
  () => Object(MARK),
  () => Object(1),
  () => Object(1n),
  () => Object.create(null),
  () => Object.create({ inherited: MARK }),
  () => Object.freeze({ text: MARK }),
  () => [],
  () => [[]],
  () => [MARK],
  () => [null, undefined, MARK],
  () => [MARK, MARK],
  sparse,
  () => Object.assign([MARK], { extra: MARK }),
  () => Object.assign([], { length: 3 }),
  () => ({}),
  () => ({ [MARK.slice(2, 4)]: MARK }),
  () => ({ '': MARK, ' ': MARK, 'a\0b': MARK }),
  () => ({ '\ud800': MARK }),
  () => ({ [Symbol('s')]: MARK, text: MARK }),
  () => JSON.parse(`{"__proto__":{"polluted":"${MARK}"},"constructor":{"prototype":{"polluted":1}}}`),
  () => ({ toJSON: () => MARK }),
  () => ({ toJSON: thrower, toString: thrower, valueOf: thrower, [Symbol.toPrimitive]: thrower }),
  () => ({ [Symbol.iterator]: thrower, length: 1 }),
  () => ({ length: 4, 0: MARK }),
  () => ({ value: undefined }),
  () => ({ value: -0, list: [-0, Number.NaN] }),
  () => ({ value: 10n }),
  () => Object.defineProperty({}, 'value', { enumerable: true, get: thrower }),
  () => Object.defineProperty([], 0, { enumerable: true, get: thrower }),
  changing,
  cyclic,
  (random) => deep(random.pick([5, 60, 63, 64, 65, 79, 81, 200])),
  function* () {
    for (;;) yield MARK
  },
  () =>
    (function* () {
      for (;;) yield MARK
    })(),
  () => new AbortController().signal,
  () => globalThis,
  () => Object.assign(Object.create(AbortSignal.prototype), {}),
]

/** @param largeShare how often it is large */
export function hostile(random: Random, largeShare = 0.01): unknown {
  return random.chance(largeShare) ? random.pick(large)(random) : random.pick(usual)(random)
}

/**
 * A copy of a list of arguments, with one thing of it, at any depth, replaced, removed or added.
 * @returns the path of it too
 */
export function spoiled(
  value: readonly unknown[],
  random: Random,
): { readonly value: readonly unknown[]; readonly path: Path } {
  const places = [...placesIn(value, [])].slice(1)
  const path = random.pick(places)
  return { value: replaced(value, path, random) as readonly unknown[], path }
}

export type Path = readonly (string | number)[]

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function* placesIn(value: unknown, at: Path): Generator<Path> {
  yield at
  if (Array.isArray(value)) for (const [index, item] of value.entries()) yield* placesIn(item, [...at, index])
  else if (isPlain(value))
    for (const [key, item] of Object.entries(value)) yield* placesIn(item, [...at, key])
}

function replaced(value: unknown, [key, ...rest]: Path, random: Random): unknown {
  if (key === undefined) return otherwise(value, random)
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? replaced(item, rest, random) : item))
  const fields = value as Readonly<Record<string, unknown>>
  if (rest.length === 0 && random.chance(0.05)) return withoutKey(fields, String(key))
  if (rest.length === 0 && random.chance(0.05))
    return Object.defineProperty({ ...fields }, key, { enumerable: true, get: thrower })
  return { ...fields, [key]: replaced(fields[String(key)], rest, random) }
}

function withoutKey(fields: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name))
}

/** Another value in its place, or, of an object, the same one made strange. */
function otherwise(value: unknown, random: Random): unknown {
  if (!isPlain(value) || random.chance(0.7)) return hostile(random)
  return random.pick<() => unknown>([
    () => Object.assign(Object.create(null), value),
    () => Object.assign(new Own(), value),
    () => new Proxy(value, {}),
    () => ({ ...value, [random.pick(['extra', '__proto__x', 'constructor', 'toString'])]: hostile(random) }),
    () => Object.defineProperty({ ...value }, '__proto__', { enumerable: true, value: hostile(random) }),
    () => ({ ...value, [Symbol('s')]: MARK }),
    () => Object.create(value),
    () => [value],
  ])()
}
