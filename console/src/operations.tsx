import { useState } from 'react';
import type { Operation } from './http';
import { useWords } from './language';
import { fill } from './words';

export type Listing =
  | { state: 'loading' }
  | { state: 'failed' }
  | { state: 'ready'; operations: Operation[] };

interface OperationListProps {
  listing: Listing;
  shown: string | null;
  onOpen: (operation: Operation) => void;
  onRetry: () => void;
}

export function OperationList({ listing, shown, onOpen, onRetry }: OperationListProps) {
  const words = useWords();
  return (
    <nav className="operations" aria-label={words.operations}>
      <h2>{words.operations}</h2>
      {listing.state === 'loading' && <ListSkeleton />}
      {listing.state === 'failed' && (
        <div className="problem" role="alert">
          <p>{words.operationsFailed}</p>
          <button type="button" className="quiet" onClick={onRetry}>
            {words.retry}
          </button>
        </div>
      )}
      {listing.state === 'ready' && <Filtered operations={listing.operations} shown={shown} onOpen={onOpen} />}
    </nav>
  );
}

interface FilteredProps {
  operations: Operation[];
  shown: string | null;
  onOpen: (operation: Operation) => void;
}

function Filtered({ operations, shown, onOpen }: FilteredProps) {
  const words = useWords();
  const [text, setText] = useState('');
  const matching = operations.filter((operation) => matches(operation, text));
  if (operations.length === 0) return <p className="soft">{words.noOperations}</p>;
  return (
    <>
      <input
        type="search"
        className="filter"
        value={text}
        placeholder={words.filter}
        aria-label={words.filter}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
      />
      <ul>
        {matching.map((operation) => (
          <li key={operation.name}>
            <button
              type="button"
              data-operation={operation.name}
              aria-current={operation.name === shown ? 'true' : undefined}
              onClick={() => onOpen(operation)}
            >
              <span className="title">
                {operation.title}
                {changesData(operation) && <span className="changes">{words.changes}</span>}
              </span>
              {operation.description && <span className="description">{operation.description}</span>}
            </button>
          </li>
        ))}
      </ul>
      <p className="soft" role="status">
        {matching.length === 0 && fill(words.noMatch, { text })}
      </p>
    </>
  );
}

function ListSkeleton() {
  const words = useWords();
  return (
    <div role="status" aria-label={words.loading}>
      {[1, 2, 3, 4, 5].map((line) => (
        <div key={line} className="skeleton line" />
      ))}
    </div>
  );
}

function matches({ name, title, description }: Operation, text: string): boolean {
  const found = plain(`${name} ${title} ${description}`);
  return plain(text)
    .split(/\s+/)
    .every((word) => found.includes(word));
}

/** Accents are easily left out when one types fast. */
function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** A preview is a mutation too, but only its confirmation changes anything. */
function changesData({ name, document }: Operation): boolean {
  return /^\s*mutation\b/m.test(document) && !name.endsWith('Preview');
}
