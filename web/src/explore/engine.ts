import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { Compartment, EditorState, Prec, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { SqlTable } from '../data/sql.ts'

export interface EditorHandle {
  /** Puts a text in place of the present one, where it is another. */
  setText(text: string): void
  setTables(tables: readonly SqlTable[]): void
  /** Marks one line, from 1, until the text changes; none when undefined. */
  markLine(line: number | undefined): void
  close(): void
}

interface EditorListener {
  onChange(text: string): void
  onRun(): void
}

const markFailed = StateEffect.define<number | undefined>()

const failedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    const effect = transaction.effects.find((one) => one.is(markFailed))
    if (!effect) return transaction.docChanged ? Decoration.none : marks
    const { doc } = transaction.state
    const line = effect.value as number | undefined
    if (line === undefined || line < 1 || line > doc.lines) return Decoration.none
    const mark = Decoration.line({ class: 'cm-failed' })
    return Decoration.set(mark.range(doc.line(line).from))
  },
  provide: (field) => EditorView.decorations.from(field),
})

/** Colours are the page's own names, so that both themes follow. */
const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--series-3)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--series-2)' },
  { tag: tags.comment, color: 'var(--ink-soft)', fontStyle: 'italic' },
  { tag: [tags.typeName, tags.standard(tags.name)], color: 'var(--series-5)' },
])

/** Opens an editor in an element. */
export function openEditor(
  parent: HTMLElement,
  text: string,
  listener: EditorListener,
): EditorHandle {
  const language = new Compartment()
  const run = () => {
    listener.onRun()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        highlightActiveLine(),
        EditorView.lineWrapping,
        failedLine,
        syntaxHighlighting(HIGHLIGHT),
        language.of(languageOf([])),
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...defaultKeymap,
          ...historyKeymap,
        ]),
        EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) listener.onChange(update.state.doc.toString())
        }),
      ],
    }),
  })
  return {
    setText(next) {
      if (view.state.doc.toString() === next) return
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    setTables: (tables) => view.dispatch({ effects: language.reconfigure(languageOf(tables)) }),
    markLine: (line) => view.dispatch({ effects: markFailed.of(line) }),
    close: () => view.destroy(),
  }
}

function languageOf(tables: readonly SqlTable[]) {
  const schema = Object.fromEntries(
    tables.map(({ name, columns }) => [
      name,
      columns.map((column) => ({
        label: column.name,
        detail: column.type.toLowerCase().slice(0, 24),
        ...(column.description ? { info: column.description } : {}),
      })),
    ]),
  )
  return sql({ dialect: PostgreSQL, schema })
}
