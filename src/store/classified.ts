import type { Engine } from '../engines/contract/engine.ts'

/** Runs what may throw an error of the driver. @throws the error as one of src/errors.ts */
export async function classified<T>(engine: Engine, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw engine.classify(error)
  }
}
