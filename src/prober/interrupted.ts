import type { Answer, Port } from './port.ts';

/**
 * How often one question is asked, in all, before its EINTR counts as the answer. A signal is taken between two calls, so that the
 * second mostly goes through. On a machine that has four times as much to do as it can, a profiler that sends 20,000 a second
 * interrupted 20 in a row; a try that is interrupted takes well below a millisecond, so that this many keep us for a second at most.
 */
export const MOST_TRIES = 1000;

/**
 * Asks again where a signal came in between. That says nothing of the host: KVM_CREATE_VM takes all locks of our memory,
 * and gives up with EINTR as soon as any signal waits for our thread, which a busy machine makes likely; opening a device
 * and drivers behind ethtool may do so too. Wraps what records, not the other way round: a recording holds each answer.
 *
 * EAGAIN stays an answer. None of these calls is non-blocking: there it says that the kernel lacks something for now.
 */
export function askAgain(port: Port): Port {
  return {
    open: (path, flags) => untilAnswered(() => port.open(path, flags)),
    socket: () => untilAnswered(() => port.socket()),
    ioctl: (handle, request, argument) => untilAnswered(() => port.ioctl(handle, request, argument)),
    ethtool: (socket, name, data) => untilAnswered(() => port.ethtool(socket, name, data)),
    interfaces: () => untilAnswered(() => port.interfaces()),
    // Once: on Linux the descriptor is free also after EINTR, and a second close could take another's.
    close: (handle) => port.close(handle),
  };
}

function untilAnswered<T>(ask: () => Answer<T>): Answer<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = ask();
    if (answer.ok || answer.code !== 'EINTR' || tries === MOST_TRIES) return answer;
  }
}
