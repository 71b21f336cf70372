/** What the programs here use of a browser, and TypeScript's library for Node does not describe. */
export interface BrowserGlobals {
  readonly location: { readonly search: string; readonly origin: string };
  readonly navigator: { readonly serviceWorker: ServiceWorkers };
  readonly XMLHttpRequest: new () => SyncRequest;
  readonly Worker: new (url: TrustedUrl, options: { readonly type: "module" }) => WebWorker;
  readonly trustedTypes: {
    createPolicy(
      name: string,
      rules: { createScriptURL(url: string): string },
    ): { createScriptURL(url: string): TrustedUrl };
  };
  close(): void;
  addEventListener(type: string, listener: (event: ExtendableMessage) => void): void;
}

/** What Trusted Types take for the address of a script. */
export interface TrustedUrl {
  toString(): string;
}

export interface SyncRequest {
  readonly status: number;
  readonly responseText: string;
  open(method: "POST", url: string, asynchronous: boolean): void;
  send(body?: string): void;
}

export interface WebWorker {
  onerror: ((event: { readonly message?: string }) => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

export interface ServiceWorkers {
  readonly ready: Promise<{ readonly active: { postMessage(message: unknown): void } }>;
  register(
    url: TrustedUrl,
    options: { readonly type: "module"; readonly scope: string },
  ): Promise<unknown>;
}

export interface ExtendableMessage {
  waitUntil(work: Promise<unknown>): void;
}

/** The global object, as a browser's. */
export const browser: BrowserGlobals = globalThis as unknown as BrowserGlobals;
