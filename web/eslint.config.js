import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default tseslint.config(
    { ignores: ['dist', 'node_modules', 'src/shared/api/schema.d.ts'] },
    tseslint.configs.recommended,
    reactHooks.configs.flat.recommended,
    {
        rules: {
            '@typescript-eslint/consistent-type-imports': 'error',
            '@typescript-eslint/no-non-null-assertion': 'error',
            '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
            'no-console': 'error',
            // The virtual list is the one such library here; it is used in one component, which is not memoized.
            'react-hooks/incompatible-library': 'off',
            // A page that is asked for another record begins anew: its own state is put back when the id changes.
            'react-hooks/set-state-in-effect': 'off',
        },
    },
    { files: ['scripts/**', 'e2e/**'], rules: { 'no-console': 'off' } },
)
