const TYPED = /^([a-z ]+: )?ERR_LETHE_[A-Z_]+(, [a-z ]+: ERR_LETHE_[A-Z_]+)*$/;

/** Whether a program ended with nothing but errors of Lethe. */
export const isTyped = (end: string): boolean => TYPED.test(end);
