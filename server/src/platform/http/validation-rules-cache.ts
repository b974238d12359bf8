import { getMetadataStorage } from 'class-validator';

type Storage = ReturnType<typeof getMetadataStorage>;
type Rules = ReturnType<Storage['getTargetValidationMetadatas']>;

let installed = false;

/**
 * class-validator looks through the rules of every class of the program for each object that it checks, nested ones
 * included; that was a twentieth of a submit. What decorators say never changes once a class exists, so each class is
 * looked through once.
 */
export function cacheValidationRules(): void {
  if (installed) return;
  installed = true;
  const storage = getMetadataStorage();
  const search = storage.getTargetValidationMetadatas.bind(storage);
  const known = new Map<unknown, Map<string, Rules>>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    if (groups !== undefined && groups.length > 0) return search(target, schema, always, strictGroups, groups);
    const variant = `${schema} ${always} ${strictGroups}`;
    let ofTarget = known.get(target);
    if (!ofTarget) known.set(target, (ofTarget = new Map<string, Rules>()));
    let rules = ofTarget.get(variant);
    if (!rules) ofTarget.set(variant, (rules = search(target, schema, always, strictGroups, groups)));
    return rules;
  };
}
