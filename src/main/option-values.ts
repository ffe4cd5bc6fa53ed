import { type Command, InvalidArgumentError } from 'commander'
import { resolveConfig, type SettingName } from '../config.ts'
import { isOrigin } from '../local/stored-keys.ts'
import { parseTimestamp } from '../schema/timestamp.ts'

/** What an option's text comes to. Throws InvalidArgumentError, which ends the command with 2, saying what to write instead. */
export type ReadOption<V> = (text: string) => V

/** A whole number within bounds, both included; without `high` up to what a number can hold exactly. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): ReadOption<number> {
  const to = high === Number.MAX_SAFE_INTEGER ? '' : ` to ${high}`
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (value >= low && value <= high) return value
    throw new InvalidArgumentError(`write a whole number from ${low}${to}.`)
  }
}

/** A finite number above 0. */
export function aboveZero(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('write a number above 0.')
}

/** A day of the calendar, YYYY-MM-DD, as it was written. */
export function calendarDay(text: string): string {
  if (/^\d{4}-\d\d-\d\d$/.test(text) && parseTimestamp(`${text}T00:00:00Z`) !== undefined)
    return text
  throw new InvalidArgumentError('write a day such as 2025-01-31.')
}

/** One more `name=value`, behind those that were read before it. */
export function namedValue(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): readonly (readonly [name: string, value: string])[] {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write it as name=value.')
  return [...before, [text.slice(0, at), text.slice(at + 1)]]
}

/** The address of a server, as it was written. */
export function serverUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('write it as http://127.0.0.1:4600.')
}

/** One more origin of pages, behind those that were read before it. */
export function origin(text: string, before: readonly string[] = []): readonly string[] {
  if (isOrigin(text)) return [...before, text]
  throw new InvalidArgumentError('write it as https://shop.example, without a path, or * for any.')
}

/** A text that a setting takes, as it was written. */
export function settingText(name: SettingName): ReadOption<string> {
  return (text) => {
    const result = resolveConfig({ flags: { [name]: text } })
    if ('problems' in result) throw new InvalidArgumentError(result.problems.join('\n'))
    return text
  }
}

/** What `read` gives; what it throws becomes an InvalidArgumentError. */
export function readBy<V>(read: (text: string) => V): ReadOption<V> {
  return (text) => {
    try {
      return read(text)
    } catch (error) {
      throw new InvalidArgumentError(error instanceof Error ? error.message : String(error))
    }
  }
}

/** A command, or all below it, that no server elsewhere can be asked for: with --url it ends with 2. */
export function ofThisMachine(command: Command): Command {
  return command.hook('preAction', (_command, action) => {
    if (action.optsWithGlobals<{ url?: string }>().url === undefined) return
    command.error(
      `error: ${command.name()} works on a data directory of this machine, not on --url`,
    )
  })
}
