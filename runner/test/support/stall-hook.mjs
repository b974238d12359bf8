/** Loaded into a runner by the tests: holds its main loop as long as a message says, like a disk that hangs would. */
process.on('message', ({ stallMs }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
});
