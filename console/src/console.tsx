import { Component, Suspense, useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { Brand } from './brand';
import { execute, operations, Refusal, signOut, type Operation, type Session } from './http';
import { LanguageSwitch, useWords } from './language';
import { OperationList, type Listing } from './operations';
import { LazyPane, preparePane } from './pane';
import { problemText } from './problems';
import { SignInDialog } from './sign-in';
import { closeStorage } from './storage';
import { roleName } from './words';

const OPENED_FIRST = 'Subscriber360';

/** The room behind the door. `first` is the session it was entered with; a later one of the same agent takes over. */
export function Console({ first }: { first: Session }) {
  const words = useWords();
  const [session, setSession] = useState(first);
  const [isOver, setIsOver] = useState(false);
  const [problem, setProblem] = useState('');
  const [wanted, setWanted] = useState<{ operation: Operation } | null>(null);
  const [shown, setShown] = useState<string | null>(null);
  const over = useCallback(() => setIsOver(true), []);
  const [listing, reload] = useOperations(session, over);

  useEffect(() => {
    void preparePane();
  }, []);
  useEffect(() => {
    document.title = `${words.operations} · backoffice`;
  }, [words]);

  const spoken = useRef(words);
  useEffect(() => {
    spoken.current = words;
  }, [words]);

  const run = useCallback(
    async (request: object) => {
      try {
        return await execute(request);
      } catch (refused) {
        if (!(refused instanceof Refusal)) throw refused;
        if (refused.status !== 401) return failure(problemText(spoken.current, refused));
        over();
        return failure(spoken.current.expiredAnswer);
      }
    },
    // With a new session the pane asks for the schema again: what may be seen can have changed.
    [session, over],
  );

  function enterAgain(next: Session) {
    if (agentKey(next) !== agentKey(session)) return leave();
    setSession(next);
    setIsOver(false);
  }

  async function goOut() {
    try {
      await signOut();
      leave();
    } catch {
      setProblem(words.signOutFailed);
    }
  }

  return (
    <div className="room">
      <a className="skip" href="#pane">
        {words.skip}
      </a>
      <header className="bar">
        <Brand as="h1" />
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        <p className="who">
          <span className="visually-hidden">{words.signedInAs} </span>
          <strong>{session.displayName}</strong>
          <span className="role">{roleName(words, session.role)}</span>
        </p>
        <LanguageSwitch />
        <button type="button" className="quiet" onClick={() => void goOut()}>
          {words.signOut}
        </button>
      </header>
      <OperationList
        listing={listing}
        shown={shown}
        onOpen={(operation) => setWanted({ operation })}
        onRetry={reload}
      />
      <main id="pane" className="pane" tabIndex={-1} aria-label={words.editor}>
        <PaneBoundary fallback={<BrokenPane />}>
          <Suspense fallback={<PaneSkeleton />}>
            {listing.state === 'loading' ? (
              <PaneSkeleton />
            ) : (
              <LazyPane
                agent={agentKey(first)}
                first={openedFirst(listing)}
                wanted={wanted}
                run={run}
                onShown={setShown}
              />
            )}
          </Suspense>
        </PaneBoundary>
      </main>
      {isOver && <SignInDialog onSignedIn={enterAgain} />}
    </div>
  );
}

/** Shaped as a GraphQL answer, so that it shows where the agent looks for one. */
function failure(message: string): object {
  return { data: null, errors: [{ message }] };
}

/** Loading the page again is what empties the editors' memory too, which the next person at this desk must not see. */
function leave() {
  closeStorage();
  window.location.replace(window.location.pathname);
}

function agentKey({ displayName, role }: Session): string {
  return encodeURIComponent(`${displayName} ${role}`);
}

function openedFirst(listing: Listing): Operation | undefined {
  if (listing.state !== 'ready') return undefined;
  return listing.operations.find(({ name }) => name === OPENED_FIRST) ?? listing.operations[0];
}

function useOperations(session: Session, over: () => void): [Listing, () => void] {
  const [listing, setListing] = useState<Listing>({ state: 'loading' });
  const load = useCallback(() => {
    operations().then(
      (found) => setListing({ state: 'ready', operations: found }),
      (refused: Refusal) => {
        setListing((before) => (before.state === 'ready' ? before : { state: 'failed' }));
        if (refused.status === 401) over();
      },
    );
  }, [over]);
  useEffect(load, [load, session]);
  return [listing, load];
}

function PaneSkeleton() {
  const words = useWords();
  return (
    <div className="pane-skeleton" role="status" aria-label={words.loading}>
      <div className="skeleton tab" />
      <div className="skeleton sheet" />
      <div className="skeleton sheet" />
    </div>
  );
}

function BrokenPane() {
  const words = useWords();
  return (
    <div className="pane-broken" role="alert">
      <p>{words.paneFailed}</p>
      <button type="button" className="primary" onClick={() => window.location.reload()}>
        {words.reload}
      </button>
    </div>
  );
}

class PaneBoundary extends Component<{ children: ReactNode; fallback: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    return this.state.isBroken ? this.props.fallback : this.props.children;
  }
}
