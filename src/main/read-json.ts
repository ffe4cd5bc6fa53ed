import { readFileSync } from 'node:fs'

/** What a JSON file holds that a person has named. Throws a plain Error that names the file where it is absent or no JSON. */
export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new Error(`${file} is not JSON: ${cause.message}`, { cause })
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(`${file} does not exist`, { cause })
    throw cause
  }
}
