/** Results of `work` over all items, in their order, at most `width` at once. Rejects with the first failure, once none is under way. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let failed = false
  async function run(): Promise<void> {
    while (next < items.length && !failed) {
      const index = next++
      try {
        results[index] = await work(items[index]!)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const settled = await Promise.allSettled(
    Array.from({ length: Math.min(width, items.length) }, run),
  )
  const failure = settled.find((one) => one.status === 'rejected')
  if (failure) throw failure.reason
  return results
}
