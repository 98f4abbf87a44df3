/** A test that does not run proves nothing: a selector for `it.skip`, `describe.only`, `test.todo` and their kin. */
export const skippedTests = {
  selector:
    'MemberExpression[object.name=/^(it|test|describe|suite)$/][property.name=/^(skip|skipIf|runIf|only|todo|fails)$/]',
  message: 'Every test runs, every time. Mend the test, or take it out.',
};
