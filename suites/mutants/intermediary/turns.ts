/** Lets so much work go on at a time, and the rest wait for its turn. */
export interface Turns {
  take<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when nothing goes on and nothing waits. */
  idle(): Promise<void>
}

/** Turns for work, so many at a time. */
export function turns(atOnce: number): Turns {
  let running = 0
  const waiting: (() => void)[] = []
  const idle: (() => void)[] = []
  return {
    async take(work) {
      running += 1
      if (running > atOnce) await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        return await work()
      } finally {
        running -= 1
        waiting.shift()?.()
        if (running === 0) for (const resolve of idle.splice(0)) resolve()
      }
    },
    async idle() {
      if (running > 0) await new Promise<void>((resolve) => idle.push(resolve))
    },
  }
}
