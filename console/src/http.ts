/** The few requests the console makes, all to its own server. */

export interface Session {
  displayName: string;
  role: string;
  expiresAt: string;
}

export interface Operation {
  name: string;
  title: string;
  description: string;
  document: string;
  variables: Record<string, unknown>;
}

export interface Credentials {
  login: string;
  password: string;
  otp: string;
}

/** The server understood and said no; `status` 0 means that it could not be reached at all. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly retryAfterSeconds: number;

  constructor(status: number, code: string, message: string, retryAfterSeconds = 0) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** This function will return the session in course, or null when nobody is signed in. */
export async function currentSession(): Promise<Session | null> {
  const response = await send('/staff/session');
  if (response.status === 401) return null;
  return accepted<Session>(response);
}

export async function signIn(credentials: Credentials): Promise<Session> {
  return accepted<Session>(await send('/staff/sign-in', credentials));
}

export async function signOut(): Promise<void> {
  const response = await send('/staff/sign-out', {});
  // A session that is already over needs no ending.
  if (!response.ok && response.status !== 401) throw await refusal(response);
}

export async function operations(): Promise<Operation[]> {
  const response = await send('/console/operations');
  return (await accepted<{ operations: Operation[] }>(response)).operations;
}

/** This function will run one GraphQL request and return the server's answer, errors included, as it came. */
export async function execute(request: object): Promise<object> {
  const response = await send('/staff/graphql', request, 'application/graphql-response+json, application/json');
  if (response.status === 401) throw await refusal(response);
  const answer = await json(response);
  if (typeof answer !== 'object' || answer === null) throw new Refusal(response.status, '', response.statusText);
  return answer;
}

async function send(path: string, body?: object, accept = 'application/json'): Promise<Response> {
  const headers: Record<string, string> = { accept };
  if (body) Object.assign(headers, { 'content-type': 'application/json', 'x-backoffice': '1' });
  try {
    return await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers,
      body: body ? JSON.stringify(body) : null,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch {
    throw new Refusal(0, 'UNREACHABLE', '');
  }
}

async function accepted<T>(response: Response): Promise<T> {
  if (!response.ok) throw await refusal(response);
  return (await json(response)) as T;
}

async function refusal(response: Response): Promise<Refusal> {
  const body = (await json(response)) as { errors?: { code?: string; message?: string }[] } | null;
  const { code = '', message = response.statusText } = body?.errors?.[0] ?? {};
  return new Refusal(response.status, code, message, Number(response.headers.get('retry-after')) || 0);
}

async function json(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
