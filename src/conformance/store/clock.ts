// Another time of day for this process, for cases about entries that Purser itself stamps with the
// time.

let isChanged = false

/** Runs `work` while the clocks of this process are behind by the given number of milliseconds. */
export async function inThePast<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  // Of two at once, the one that ends last would leave the other one's clock behind.
  if (isChanged) throw new Error('the clocks of this process are changed already')
  isChanged = true
  const real = globalThis.Date
  const now = () => real.now() - milliseconds
  globalThis.Date = new Proxy(real, {
    construct: (target, given: unknown[]) =>
      given.length === 0 ? new target(now()) : Reflect.construct(target, given),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
  try {
    return await work()
  } finally {
    globalThis.Date = real
    isChanged = false
  }
}
