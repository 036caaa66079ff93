# The verdicts of some hundred names under the shipped policies, so that a change of judgement
# is seen in review. After one that is meant: tests/golden/update.
add_test(NAME golden.verdicts COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/golden/test_verdicts.py)
set_tests_properties(golden.verdicts PROPERTIES ENVIRONMENT POSTSHIELD=$<TARGET_FILE:postshield>)
