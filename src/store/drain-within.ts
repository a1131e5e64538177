// Waits, for a time, until nothing of a store is in flight any more: for closing it.

export interface InFlight {
  /** Resolves when every write that was handed over is answered. */
  drained(): Promise<unknown>
  openTransactions(): number
}

/** Whether everything ended within so many milliseconds. */
export async function drainWithin(timeout: number, inFlight: InFlight): Promise<boolean> {
  const deadline = performance.now() + timeout
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, timeout, false)
  })
  try {
    const drained = await Promise.race([inFlight.drained().then(() => true as const), expired])
    while (inFlight.openTransactions() > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return drained && inFlight.openTransactions() === 0
  } finally {
    clearTimeout(timer)
  }
}
