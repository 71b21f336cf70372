// Does nothing: a runtime that does not even end well with this cannot run under what is around it.
export {};
