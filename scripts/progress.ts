import { Listr, type ListrTask } from 'listr2'

/** Carries tasks out one after the other and shows how far they are; silently when stdout is for JSON alone. */
export async function inTurn(tasks: readonly ListrTask[], { json }: { readonly json: boolean }): Promise<void> {
  await new Listr([...tasks], {
    renderer: json ? 'silent' : 'default',
    fallbackRenderer: 'simple',
    // The lab has its own handling of Ctrl-C.
    registerSignalListeners: false,
    // Failures are told once, at the end, with the report.
    rendererOptions: { showErrorMessage: false },
  }).run()
}

/** Makes one task of several that are carried out so many at a time. */
export function together(title: string, tasks: readonly ListrTask[], atOnce: number): ListrTask {
  const running: Promise<unknown>[] = []
  const patient = (each: ListrTask): ListrTask => ({
    ...each,
    task: async (context, task) => {
      const done = Promise.resolve(each.task(context, task))
      running.push(done)
      try {
        await done
      } catch (error) {
        // The others still have servers to take down, and the first failure ends everything.
        await Promise.allSettled(running)
        throw error
      }
    },
  })
  return {
    title,
    enabled: tasks.length > 0,
    task: (_, task) => task.newListr(tasks.map(patient), { concurrent: atOnce }),
  }
}

/** Notes on the process's timeline (User Timing) how long something took, for `npm run bench:overhead`. */
export async function timed<Value>(name: string, work: () => Promise<Value>): Promise<Value> {
  const start = performance.now()
  const value = await work()
  performance.measure(name, { start })
  return value
}
