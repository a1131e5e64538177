// Where a table of moves begins. It imports nothing: the tables are part of the dashboard, too.

/** The one state in a table of moves that no move leads to: where a record begins. */
export function beginningOf<P>(places: readonly P[], leadsTo: (from: P, to: P) => boolean): P {
  const [first, ...more] = places.filter((place) => !places.some((from) => leadsTo(from, place)))
  if (first === undefined || more.length > 0) throw new TypeError('a table of moves has one beginning')
  return first
}
