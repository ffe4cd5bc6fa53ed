import { useNavigate } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { formatWord } from '../data/format.ts'
import type { Parameter } from '../data/report-types.ts'

interface ParameterFormProps {
  readonly parameters: readonly Parameter[]
  readonly values: { readonly [name: string]: string | undefined }
}

/** The parameters of a report as fields; what is sent stands in the address. */
export function ParameterForm({ parameters, values }: ParameterFormProps) {
  const navigate = useNavigate()
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const chosen = Object.fromEntries(
      parameters.map(({ name, default: usual }) => {
        const value = String(form.get(name) ?? '')
        return [name, value === usual || value === '' ? undefined : value]
      }),
    )
    const search = (previous: object) => ({ ...previous, ...chosen })
    void navigate({ to: '.', search: search as never })
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      {parameters.map((parameter) => (
        <Field key={parameter.name} parameter={parameter} value={values[parameter.name]} />
      ))}
      <button type="submit" className="button">
        Run
      </button>
    </form>
  )
}

interface FieldProps {
  readonly parameter: Parameter
  readonly value: string | undefined
}

function Field({ parameter, value }: FieldProps) {
  const { name, type, choices, range, description } = parameter
  const initial = value ?? parameter.default ?? ''
  return (
    <div className="text-xs text-soft" title={description}>
      <label htmlFor={`parameter-${name}`}>{formatWord(name)}</label>
      {type === 'choice' ? (
        <select
          id={`parameter-${name}`}
          name={name}
          defaultValue={initial}
          className="field mt-1 block"
        >
          {choices?.map((choice) => (
            <option key={choice} value={choice}>
              {formatWord(choice)}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={`parameter-${name}`}
          name={name}
          defaultValue={initial}
          type={type === 'count' ? 'number' : type === 'date' ? 'date' : 'text'}
          {...(range ? { min: range[0], max: range[1] } : {})}
          className="field mt-1 block w-36"
        />
      )}
    </div>
  )
}
