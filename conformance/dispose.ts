/** Whether the runtime has `Symbol.dispose`. Older browsers have none. */
export function hasDispose(): boolean {
  return (Symbol as { readonly dispose?: symbol }).dispose !== undefined;
}
