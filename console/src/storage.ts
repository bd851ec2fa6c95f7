/**
 * Desks are shared: what an agent types may name a subscriber, so nothing goes to localStorage,
 * and what sessionStorage holds belongs to one agent and goes away when they leave.
 */

const LANGUAGE = 'backoffice:language';

export function chosenLanguage(): string | null {
  return sessionStorage.getItem(LANGUAGE);
}

export function rememberLanguage(language: string): void {
  sessionStorage.setItem(LANGUAGE, language);
}

export interface AgentStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
  readonly length: number;
}

/** This function will return the part of sessionStorage that belongs to `agent`, after removing everyone else's. */
export function storageOf(agent: string): AgentStorage {
  const prefix = `backoffice:agent:${agent}:`;
  forget((key) => key.startsWith('backoffice:agent:') && !key.startsWith(prefix));
  return {
    getItem: (key) => sessionStorage.getItem(prefix + key),
    setItem: (key, value) => {
      // The editor writes half a second late: without this, a write would land after the sign-out.
      if (!closed) sessionStorage.setItem(prefix + key, value);
    },
    removeItem: (key) => sessionStorage.removeItem(prefix + key),
    clear: () => forget((key) => key.startsWith(prefix)),
    get length() {
      return keys().filter((key) => key.startsWith(prefix)).length;
    },
  };
}

let closed = false;

/** This function will forget all that agents left here, and refuse to keep more until the page is loaded again. */
export function closeStorage(): void {
  closed = true;
  forget((key) => key !== LANGUAGE);
}

function forget(unwanted: (key: string) => boolean): void {
  keys().filter(unwanted).forEach((key) => sessionStorage.removeItem(key));
}

function keys(): string[] {
  return Array.from({ length: sessionStorage.length }, (_, index) => sessionStorage.key(index) ?? '');
}
