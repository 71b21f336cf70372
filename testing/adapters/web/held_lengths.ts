/** Bytes of what the worker holds: allocators treat small, middling and large memory differently. */
export const HELD_LENGTHS: readonly number[] = [1000];
