import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { signIn, Refusal, type Session } from './http';
import { LanguageSwitch, useWords } from './language';
import { Brand } from './brand';
import { preparePane } from './pane';
import { problemText } from './problems';

interface SignInProps {
  onSignedIn: (session: Session) => void;
  notice?: string | undefined;
}

export function SignInPage({ onSignedIn, notice }: SignInProps) {
  const words = useWords();
  useEffect(() => {
    document.title = `${words.signIn} · backoffice`;
  }, [words]);
  return (
    <div className="door">
      <header className="door-bar">
        <LanguageSwitch />
      </header>
      <main className="door-card">
        <Brand />
        <h1>{words.signIn}</h1>
        <p className="soft">{words.signInLead}</p>
        <SignInForm onSignedIn={onSignedIn} notice={notice} />
      </main>
    </div>
  );
}

/** Shown over the console when the session has ended: the editors stay mounted underneath. */
export function SignInDialog({ onSignedIn }: SignInProps) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const show = () => dialog.current?.showModal();
  useEffect(show, []);
  return (
    <dialog
      ref={dialog}
      className="door-card"
      aria-labelledby={title}
      onCancel={(event) => event.preventDefault()}
      // Browsers let a second Escape close a dialog whatever the page says.
      onClose={show}
    >
      <h2 id={title}>{words.expiredTitle}</h2>
      <SignInForm onSignedIn={onSignedIn} notice={words.expired} />
    </dialog>
  );
}

type Attempt = { state: 'idle' } | { state: 'sending' } | { state: 'failed'; problem: Refusal | 'missing' };

function SignInForm({ onSignedIn, notice }: SignInProps) {
  const words = useWords();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const alert = useRef<HTMLParagraphElement>(null);
  const [attempt, setAttempt] = useState<Attempt>({ state: 'idle' });
  const failed = attempt.state === 'failed';
  const missing = failed && attempt.problem === 'missing';

  useEffect(() => {
    if (attempt.state === 'failed') moveFocus(attempt.problem);
  }, [attempt]);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (attempt.state === 'sending') return;
    const typed = new FormData(event.currentTarget);
    const login = text(typed, 'login').trim();
    const password = text(typed, 'password');
    const otp = text(typed, 'otp').replace(/\s/g, '');
    if (!login || !password || !otp) return setAttempt({ state: 'failed', problem: 'missing' });

    setAttempt({ state: 'sending' });
    void preparePane();
    try {
      onSignedIn(await signIn({ login, password, otp }));
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      setAttempt({ state: 'failed', problem });
    }
  }

  function moveFocus(problem: Refusal | 'missing') {
    const fields = [...(form.current?.querySelectorAll('input') ?? [])];
    if (problem === 'missing') return fields.find((field) => !field.value.trim())?.focus();
    if (problem.code !== 'SIGN_IN_REFUSED') return alert.current?.focus();
    // A code is good for one attempt only; the other two may need nothing but a correction.
    for (const field of fields) if (field.name === 'otp') field.value = '';
    fields.find((field) => field.name === 'password')?.select();
  }

  const described = failed ? `${id}-problem` : undefined;
  return (
    <form ref={form} className="sign-in" onSubmit={(event) => void submit(event)} noValidate>
      {notice && !failed && (
        <p className="notice" role="status">
          {notice}
        </p>
      )}
      {failed && (
        <p ref={alert} id={`${id}-problem`} className="problem" role="alert" tabIndex={-1}>
          {attempt.problem === 'missing' ? words.missing : problemText(words, attempt.problem)}
        </p>
      )}
      <label htmlFor={`${id}-login`}>{words.login}</label>
      <input
        id={`${id}-login`}
        name="login"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        required
        autoFocus
        aria-invalid={failed && !missing}
        aria-describedby={described}
      />
      <label htmlFor={`${id}-password`}>{words.password}</label>
      <input
        id={`${id}-password`}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        aria-invalid={failed && !missing}
        aria-describedby={described}
      />
      <label htmlFor={`${id}-otp`}>{words.code}</label>
      <input
        id={`${id}-otp`}
        name="otp"
        className="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={10}
        required
        aria-invalid={failed && !missing}
        aria-describedby={described ? `${id}-hint ${described}` : `${id}-hint`}
      />
      <p id={`${id}-hint`} className="hint">
        {words.codeHint}
      </p>
      <button type="submit" className="primary" aria-disabled={attempt.state === 'sending'}>
        {attempt.state === 'sending' ? words.submitting : words.submit}
      </button>
    </form>
  );
}

function text(form: FormData, name: string): string {
  return String(form.get(name) ?? '');
}
