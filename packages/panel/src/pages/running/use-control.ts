import { type UseMutationResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

/** Something that a person does to what runs. What is stale afterwards the server tells; this only says that it was done. */
export function useControl<Given, Answer>(
  act: (given: Given) => Promise<Answer>,
  done: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Given> {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (answer) => {
      // The stream of changes may be a moment behind, and broken where a network is bad.
      void queryClient.invalidateQueries();
      done(answer);
    },
  });
}

/** Shows the deployment that an action made, so that it is watched at once. */
export function useShowDeployment(): (uuid: string) => void {
  const navigate = useNavigate();
  return (uuid) => void navigate({ to: '/deployments/$deployment', params: { deployment: uuid } });
}
