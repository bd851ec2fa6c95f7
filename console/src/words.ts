/** Everything the console says, in French and in English. GraphiQL's own labels exist in English only. */

const fr = {
  language: 'Langue',
  skip: 'Aller au contenu',
  signIn: 'Connexion',
  signInLead: 'Console des conseillers',
  login: 'Identifiant',
  password: 'Mot de passe',
  code: 'Code à usage unique',
  codeHint: 'Les six chiffres de votre application d’authentification.',
  submit: 'Se connecter',
  submitting: 'Connexion en cours…',
  signOut: 'Se déconnecter',
  signedInAs: 'Connecté en tant que',
  missing: 'Renseignez l’identifiant, le mot de passe et le code.',
  refused: 'Identifiant, mot de passe ou code refusé. Vérifiez-les, puis saisissez un nouveau code.',
  tooManyAttempts: 'Trop de tentatives. Réessayez dans {minutes} min.',
  unreachable: 'Le serveur ne répond pas. Vérifiez le réseau, puis réessayez.',
  failed: 'Le serveur a répondu par une erreur ({status}). Réessayez ; si cela continue, prévenez l’administrateur.',
  expiredTitle: 'Session terminée',
  expired: 'Votre session a pris fin. Reconnectez-vous : ce que vous avez saisi est conservé.',
  expiredAnswer: 'La session a pris fin : cette opération n’a pas été exécutée. Reconnectez-vous, puis relancez-la.',
  signOutFailed: 'La déconnexion n’a pas abouti : la session est encore ouverte. Réessayez.',
  operations: 'Opérations',
  filter: 'Filtrer les opérations',
  noMatch: 'Aucune opération ne correspond à « {text} ».',
  noOperations: 'Aucune opération n’est proposée à votre rôle.',
  operationsFailed: 'La liste des opérations n’a pas pu être chargée.',
  retry: 'Réessayer',
  changes: 'modifie',
  editor: 'Éditeur GraphQL',
  loading: 'Chargement…',
  paneFailed: 'L’éditeur n’a pas pu être chargé. Rechargez la page.',
  reload: 'Recharger',
  queryEditor: 'Opération GraphQL',
  variablesEditor: 'Variables',
  responseEditor: 'Réponse',
  AGENT: 'Conseiller',
  SUPERVISOR: 'Superviseur',
  BILLING: 'Facturation',
  ANALYST: 'Analyste',
  DPO: 'Protection des données',
  ADMIN: 'Administrateur',
};

export type Words = typeof fr;

const en: Words = {
  language: 'Language',
  skip: 'Skip to content',
  signIn: 'Sign in',
  signInLead: 'Agents’ console',
  login: 'Login',
  password: 'Password',
  code: 'One-time code',
  codeHint: 'The six digits in your authenticator app.',
  submit: 'Sign in',
  submitting: 'Signing in…',
  signOut: 'Sign out',
  signedInAs: 'Signed in as',
  missing: 'Fill in the login, the password and the code.',
  refused: 'Login, password or code refused. Check them, then type a new code.',
  tooManyAttempts: 'Too many attempts. Try again in {minutes} min.',
  unreachable: 'The server does not answer. Check the network, then try again.',
  failed: 'The server answered with an error ({status}). Try again; if it goes on, tell the administrator.',
  expiredTitle: 'Session over',
  expired: 'Your session is over. Sign in again: what you typed is kept.',
  expiredAnswer: 'The session is over: this operation was not run. Sign in again, then run it again.',
  signOutFailed: 'Signing out did not work: the session is still open. Try again.',
  operations: 'Operations',
  filter: 'Filter operations',
  noMatch: 'No operation matches “{text}”.',
  noOperations: 'No operation is offered to your role.',
  operationsFailed: 'The list of operations could not be loaded.',
  retry: 'Try again',
  changes: 'changes data',
  editor: 'GraphQL editor',
  loading: 'Loading…',
  paneFailed: 'The editor could not be loaded. Reload the page.',
  reload: 'Reload',
  queryEditor: 'GraphQL operation',
  variablesEditor: 'Variables',
  responseEditor: 'Response',
  AGENT: 'Agent',
  SUPERVISOR: 'Supervisor',
  BILLING: 'Billing',
  ANALYST: 'Analyst',
  DPO: 'Data protection',
  ADMIN: 'Administrator',
};

export const dictionaries = { fr, en };

export type Language = keyof typeof dictionaries;

export const languages = Object.keys(dictionaries) as Language[];

/** This function will return the agent's last choice, else the browser's first known language, else French. */
export function startingLanguage(chosen: string | null): Language {
  const wished = [chosen, ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase());
  return wished.map((tag) => languages.find((known) => known === tag)).find(Boolean) ?? 'fr';
}

export function fill(sentence: string, facts: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name]));
}

export function roleName(words: Words, role: string): string {
  return (words as Record<string, string>)[role] ?? role;
}
