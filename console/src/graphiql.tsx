/**
 * The only file that knows GraphiQL. Whatever its next version changes stops here:
 * the rest of the console hands over operations and a function that runs them.
 */

import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { pick, useGraphiQL, useGraphiQLActions, type MonacoEditor, type TabsState } from '@graphiql/react';
import type { Fetcher } from '@graphiql/toolkit';
import { useEffect, useMemo, useRef } from 'react';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/react/style.css';
import 'graphiql/graphiql.css';
import './graphiql.css';
import './workers';
import type { Operation } from './http';
import { useWords } from './language';
import { storageOf } from './storage';

interface GraphQLPaneProps {
  /** Whose tabs and history these are. */
  agent: string;
  /** Opened when the agent has no tabs yet. */
  first: Operation | undefined;
  /** Opened when it changes: a new object for each wish, so that the same operation can be asked for twice. */
  wanted: { operation: Operation } | null;
  run: (request: object) => Promise<object>;
  /** Told the name of the operation in the tab in front. */
  onShown: (name: string | null) => void;
}

/** This function will load the code editor itself, so that GraphiQL finds it ready and shows no spinner. */
export async function loadEditors(): Promise<void> {
  await Promise.all([import('monaco-graphql/esm/monaco-editor.js'), import('monaco-graphql/esm/lite.js')]);
}

export function GraphQLPane({ agent, first, wanted, run, onShown }: GraphQLPaneProps) {
  const storage = useMemo(() => storageOf(agent), [agent]);
  const start = useMemo(() => startingTab(storage.getItem('graphiql:tabState'), first), [storage, first]);
  const fetcher = useMemo<Fetcher>(() => (request) => run(request), [run]);
  return (
    <GraphiQL
      {...start}
      fetcher={fetcher}
      storage={storage}
      plugins={PLUGINS}
      defaultQuery=""
      defaultEditorToolsVisibility="variables"
      // The session travels in a cookie; a header typed here would only be a secret on the screen.
      isHeadersEditorEnabled={false}
      shouldPersistHeaders={false}
      showPersistHeadersSettings={false}
      forcedTheme="system"
      onTabChange={(tabs) => onShown(nameInFront(tabs))}
    >
      <GraphiQL.Logo>
        <></>
      </GraphiQL.Logo>
      <Bridge wanted={wanted} onShown={onShown} />
    </GraphiQL>
  );
}

const PLUGINS = [HISTORY_PLUGIN];

/** GraphiQL remembers its tabs, but fills the editors with what was last edited: the tab in front has to be named. */
function startingTab(storedTabs: string | null, first: Operation | undefined) {
  const left = tabInFront(storedTabs);
  if (left) return { initialQuery: left.query ?? '', initialVariables: left.variables ?? '' };
  return first ? { initialQuery: first.document, initialVariables: variablesText(first) } : {};
}

function tabInFront(storedTabs: string | null) {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storedTabs ?? '') as TabsState;
    return tabs[activeTabIndex];
  } catch {
    return undefined; // nothing stored yet, or by another version
  }
}

function variablesText({ variables }: Operation): string {
  return Object.keys(variables).length > 0 ? JSON.stringify(variables, null, 2) : '';
}

function nameInFront({ tabs, activeTabIndex }: TabsState): string | null {
  const tab = tabs[activeTabIndex];
  return tab?.operationName ?? tab?.title ?? null;
}

/** Lives inside GraphiQL's provider, draws nothing, and does what its props cannot say. */
function Bridge({ wanted, onShown }: Pick<GraphQLPaneProps, 'wanted' | 'onShown'>) {
  useSystemTheme();
  useReadableEditors();
  useWantedOperation(wanted);

  const front = useGraphiQL(nameInFront);
  useEffect(() => onShown(front), [front, onShown]);
  return null;
}

/** GraphiQL reads the system's theme once; this follows it when it changes. */
function useSystemTheme() {
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(null);
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, [setTheme]);
}

const FONT = 'ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

const READABLE = {
  fontFamily: FONT,
  fontSize: 14,
  // Tab leaves the editor, as everywhere else on the page.
  tabFocusMode: true,
  // An answer may hold an address that someone typed; one click must not carry an agent there.
  links: false,
  // Typographic apostrophes and narrow spaces are ordinary French, not a deception.
  unicodeHighlight: { ambiguousCharacters: false, invisibleCharacters: false },
};

function useReadableEditors() {
  const words = useWords();
  const { queryEditor, variableEditor, responseEditor } = useEditors();
  useEffect(() => {
    const named: [MonacoEditor | undefined, string][] = [
      [queryEditor, words.queryEditor],
      [variableEditor, words.variablesEditor],
      [responseEditor, words.responseEditor],
    ];
    for (const [editor, ariaLabel] of named) {
      editor?.updateOptions({ ...READABLE, ariaLabel });
    }
  }, [queryEditor, variableEditor, responseEditor, words]);
}

function useEditors() {
  return useGraphiQL(pick('queryEditor', 'variableEditor', 'responseEditor'));
}

function useWantedOperation(wanted: { operation: Operation } | null) {
  const { addTab, changeTab, setOperationName, updateActiveTabValues } = useGraphiQLActions();
  const { queryEditor, variableEditor, responseEditor } = useEditors();
  const { tabs, activeTabIndex } = useGraphiQL(pick('tabs', 'activeTabIndex'));
  const served = useRef(wanted);

  useEffect(() => {
    if (!wanted || wanted === served.current || !queryEditor || !variableEditor) return;
    served.current = wanted;
    show(wanted.operation);
    startTyping(variableEditor.getValue() ? variableEditor : queryEditor);
  });

  function show(operation: Operation) {
    const open = tabs.findIndex((tab) => (tab.operationName ?? tab.title) === operation.name);
    if (open === activeTabIndex) return;
    if (open >= 0) return changeTab(open);
    if (queryEditor?.getValue().trim()) addTab();
    const [query, variables] = [operation.document, variablesText(operation)];
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    responseEditor?.setValue('');
    updateActiveTabValues({ query, variables, response: null });
    // Without this, a run within the editor's delay would still name the operation of the tab before.
    setOperationName(operation.name);
  }
}

/** This function will put the cursor where an agent types next: over the first text among the variables. */
function startTyping(editor: MonacoEditor) {
  const model = editor.getModel();
  const value = /(?<=: ")[^"\\\n]*(?=")/.exec(editor.getValue());
  if (model && value) {
    const [from, to] = [value.index, value.index + value[0].length].map((offset) => model.getPositionAt(offset));
    if (from && to) {
      editor.setSelection({
        startLineNumber: from.lineNumber,
        startColumn: from.column,
        endLineNumber: to.lineNumber,
        endColumn: to.column,
      });
    }
  }
  editor.focus();
}
