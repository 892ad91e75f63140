import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { keys } from '../../api/keys.ts';

/** Something done to people; everything about them is read anew, and `done` says so. */
export function useAct<Given, Answer>(
  act: (given: Given) => Promise<Answer>,
  done: (answer: Answer, given: Given) => void,
): UseMutationResult<Answer, Error, Given> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (answer, given) => {
      done(answer, given);
      await queryClient.invalidateQueries({ queryKey: keys.people() });
    },
  });
}
