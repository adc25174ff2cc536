/* api.h -- the handlers named in routes.def, by the file that holds them. */
#ifndef HTTP_API_H
#define HTTP_API_H

#include "http/rq.h"

#define HANDLER(name) int name(struct rq *r)

/* api_about.c */
HANDLER(about_health);
HANDLER(about_version);
HANDLER(about_openapi);

/* api_session.c */
HANDLER(session_show);
HANDLER(session_in);
HANDLER(session_log_in);
HANDLER(session_log_out);
HANDLER(setup_show);
HANDLER(setup_in);
HANDLER(setup_act);
HANDLER(invitation_show);
HANDLER(invitation_in);
HANDLER(invitation_accept);
HANDLER(invitation_join);
HANDLER(account_password_in);
HANDLER(account_password);

/* api_user.c */
HANDLER(user_whoami);
HANDLER(user_show);
HANDLER(user_list_all);
HANDLER(people_list);
HANDLER(person_in);
HANDLER(person_change);
HANDLER(account_change);
HANDLER(user_token);
HANDLER(user_token_reset);

/* api_token.c */
HANDLER(tokens_list);
HANDLER(tokens_in);
HANDLER(tokens_add);
HANDLER(tokens_revoke);
HANDLER(pat_list);
HANDLER(pat_add);
HANDLER(pat_in);
HANDLER(pat_refresh);
HANDLER(pat_rotate);
HANDLER(pat_blacklist);

/* api_member.c */
HANDLER(members_list);
HANDLER(members_in);
HANDLER(members_add);
HANDLER(members_change);
HANDLER(members_end);
HANDLER(invitations_in);
HANDLER(invitations_add);
HANDLER(invitations_list);
HANDLER(invitations_revoke);
HANDLER(vendors_list);
HANDLER(vendors_in);
HANDLER(vendors_add);

#undef HANDLER

#endif
