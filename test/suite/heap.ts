import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of the heap that are in use, after everything that nobody holds was collected. */
export async function heapInUse (): Promise<number> {
  let least = Infinity
  // What waits for a later turn of the event loop holds a request that is over.
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => { setTimeout(resolve, 2) })
    collect()
    least = Math.min(least, process.memoryUsage().heapUsed)
  }
  return least
}

/**
 * By how many bytes the heap grows with each of `calls`: after as many to warm up, the least growth of several batches. What leaks leaks in
 * each of them; what was compiled or grew a buffer did so in one.
 */
export async function growthOf (calls: number, batches: number, call: (index: number) => Promise<unknown>): Promise<number> {
  let index = 0
  const batch = async (): Promise<number> => {
    for (const end = index + calls; index < end; index++) await call(index)
    return await heapInUse()
  }
  let before = await batch()
  let least = Infinity
  for (let round = 0; round < batches; round++) {
    const after = await batch()
    least = Math.min(least, after - before)
    before = after
  }
  return least / calls
}
