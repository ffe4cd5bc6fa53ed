import { useSetView } from '../data/view.ts'

interface ChoiceProps {
  /** Of the search parameter that it sets. */
  readonly name: string
  readonly label: string
  readonly value: string
  /** Left out of the address. */
  readonly usual: string
  readonly choices: readonly (readonly [value: string, word: string])[]
}

/** One of a few: what is chosen stands in the address. */
export function Choice({ name, label, value, usual, choices }: ChoiceProps) {
  const setView = useSetView()
  const choose = (chosen: string) => setView({ [name]: chosen === usual ? undefined : chosen })
  return (
    <select
      aria-label={label}
      className="field max-sm:min-w-0 max-sm:flex-[1_1_40%]"
      value={value}
      onChange={(event) => choose(event.currentTarget.value)}
    >
      {choices.map(([one, word]) => (
        <option key={one} value={one}>
          {word}
        </option>
      ))}
    </select>
  )
}
