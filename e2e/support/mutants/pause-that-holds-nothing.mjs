/** Bug: a lane that is paused is served as ever. */
import { PauseBook } from '../../../server/dist/dispatch/pause-book.js';
import { replaceMethod } from './change.mjs';

replaceMethod(PauseBook, 'holdsLane', () => () => null);
