import { lazy } from 'react';

/** GraphiQL and its editor weigh far more than the rest of the console: they come when they are needed. */
async function load() {
  const adapter = await import('./graphiql');
  await adapter.loadEditors();
  return { default: adapter.GraphQLPane };
}

let loading: ReturnType<typeof load> | undefined;

/** This function will start loading the pane, so that it arrives while the server checks the password. */
export function preparePane(): Promise<unknown> {
  loading ??= load();
  return loading.catch(() => {
    loading = undefined;
  });
}

export const LazyPane = lazy(() => (loading ??= load()));
