import { useCallback, useEffect, useState } from 'react';
import { Console } from './console';
import { currentSession, Refusal, type Session } from './http';
import { LanguageProvider, useWords } from './language';
import { SignInPage } from './sign-in';
import { problemText } from './problems';

type Visit =
  | { state: 'checking' }
  | { state: 'away'; problem?: Refusal }
  | { state: 'here'; session: Session };

export function App() {
  return (
    <LanguageProvider>
      <Rooms />
    </LanguageProvider>
  );
}

function Rooms() {
  const words = useWords();
  const [visit, setVisit] = useState<Visit>({ state: 'checking' });
  const enter = useCallback((session: Session) => setVisit({ state: 'here', session }), []);

  useEffect(() => {
    currentSession().then(
      (session) => setVisit(session ? { state: 'here', session } : { state: 'away' }),
      (problem: Refusal) => setVisit({ state: 'away', problem }),
    );
  }, []);

  if (visit.state === 'checking') return <p className="visually-hidden">{words.loading}</p>;
  if (visit.state === 'here') return <Console first={visit.session} />;
  return <SignInPage onSignedIn={enter} notice={visit.problem && problemText(words, visit.problem)} />;
}
