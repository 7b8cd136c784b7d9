/** Does work for each entry, so many at a time, begun in their order; the results are in that order as well. */
export async function several<Entry, Result>(
  entries: readonly Entry[],
  atOnce: number,
  work: (entry: Entry) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  const left = entries.entries()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, entry] of left) results[index] = await work(entry)
    }),
  )
  return results
}
