import { Refusal } from './http';
import { fill, type Words } from './words';

/** This function will say in one sentence what went wrong and what to do next. */
export function problemText(words: Words, problem: unknown): string {
  if (!(problem instanceof Refusal)) throw problem;
  if (problem.code === 'SIGN_IN_REFUSED') return words.refused;
  if (problem.code === 'TOO_MANY_ATTEMPTS') {
    return fill(words.tooManyAttempts, { minutes: Math.max(1, Math.ceil(problem.retryAfterSeconds / 60)) });
  }
  if (problem.status === 0) return words.unreachable;
  return fill(words.failed, { status: problem.status });
}
