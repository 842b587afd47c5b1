import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** The same observer; what its methods throw is logged and stops nobody: reporting must not cost the host its rules. */
export function guardObserver<Observer extends object>(
  observer: Observer,
  logger: Logger,
): Observer {
  return new Proxy(observer, {
    get: (target, name): unknown => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): void => {
        try {
          Reflect.apply(method, target, args);
        } catch (thrown) {
          const { message, stack } = toError(thrown);
          logger.error(
            { error: message, stack },
            'bug: reporting failed; the rules are not affected',
          );
        }
      };
    },
  });
}
