// Owns: what a host tells its model about this server as a whole.
// Promises: under 2 kB; true without the skill installed.
// Never: repeats what the tool descriptions say in full.

export const instructions = `async_worker_manager runs other Claude workers in the background: a replacement for the Task tool (same description, prompt, agent_type) that is asynchronous and resumable.

Use it for work with independent parts: several files or questions at once, research beside other work, the same task under different models or settings, long jobs whose detail you do not want in your context.

1. spawn_worker for each part; each returns at once.
2. wait, once, for all of them. It blocks as long as it takes.
3. If it returns pending_permissions: ask your user about each one (AskUserQuestion where there is one), answer with approve_permission, and call wait again. Repeat until nothing is pending or running.
4. Each completed entry has a short preview and conversation_history_file_path. Read only what you need of it: \`tail -20 <path>\` shows the final answer. A failed entry's error_hint says what to try, often resume_worker.
5. resume_worker sends a worker a follow-up, with its whole conversation, also after a restart.

A prompt must be complete: a worker does not see this conversation. list_workers finds earlier workers, stop_worker ends one.`;
