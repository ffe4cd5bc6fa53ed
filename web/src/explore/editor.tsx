import { useEffect, useRef } from 'react'
import type { SqlTable } from '../data/sql.ts'
import { type EditorHandle, openEditor } from './engine.ts'

interface EditorProps {
  readonly value: string
  readonly onChange: (text: string) => void
  readonly onRun: () => void
  readonly tables: readonly SqlTable[]
  /** The line that the last run failed on, from 1. */
  readonly failedLine: number | undefined
}

/** The SQL editor: completion from tables and columns, and ⌘↵ runs. Tab leaves it, as everywhere. */
export function Editor({ value, onChange, onRun, tables, failedLine }: EditorProps) {
  const element = useRef<HTMLDivElement>(null)
  const editor = useRef<EditorHandle>(undefined)
  const latest = useRef({ value, onChange, onRun })
  latest.current = { value, onChange, onRun }
  useEffect(() => {
    const opened = openEditor(element.current!, latest.current.value, {
      onChange: (text) => latest.current.onChange(text),
      onRun: () => latest.current.onRun(),
    })
    editor.current = opened
    return () => opened.close()
  }, [])
  useEffect(() => editor.current?.setText(value), [value])
  useEffect(() => editor.current?.setTables(tables), [tables])
  useEffect(() => editor.current?.markLine(failedLine), [failedLine])
  return <div ref={element} className="sql-editor" data-editor="" />
}
